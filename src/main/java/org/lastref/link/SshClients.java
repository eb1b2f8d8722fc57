package org.lastref.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.password.PasswordIdentityProvider;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.keyverifier.ServerKeyVerifier;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.config.keys.AuthorizedKeyEntry;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.common.util.io.resource.PathResource;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.core.CoreModuleProperties;
import org.lastref.fault.LabFault;

/** SSH clients that log in with one key, and read nothing of the user's own SSH files. */
final class SshClients {

  /** A frozen board is seen in ten seconds; an emulated one may stall for two on a busy machine. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(1);

  private static final int MISSING_HEARTBEATS = 10;

  private SshClients() {}

  static SshClient create(PublicKey pinned, Path clientKey, ServerKeyVerifier verifier) {
    SshClient client =
        ClientBuilder.builder()
            .serverKeyVerifier(verifier)
            .hostConfigEntryResolver(HostConfigEntryResolver.EMPTY)
            .filePasswordProvider(FilePasswordProvider.EMPTY)
            .build();
    client.setUserAuthFactories(
        List.of(new UserAuthPublicKeyFactory(ClientBuilder.setUpDefaultSignatureFactories(false))));
    client.setKeyIdentityProvider(KeyIdentityProvider.wrapKeyPairs(clientKey(clientKey)));
    client.setPasswordIdentityProvider(PasswordIdentityProvider.EMPTY_PASSWORDS_PROVIDER);
    client.setSignatureFactories(pinnedFirst(pinned));
    // Off by default; without it a command takes 50 ms instead of 5.
    CoreModuleProperties.TCP_NODELAY.set(client, true);
    CoreModuleProperties.HEARTBEAT_INTERVAL.set(client, HEARTBEAT);
    CoreModuleProperties.HEARTBEAT_NO_REPLY_MAX.set(client, MISSING_HEARTBEATS);
    CoreModuleProperties.IDLE_TIMEOUT.set(client, Duration.ZERO);
    CoreModuleProperties.WAIT_FOR_SPACE_TIMEOUT.set(client, Duration.ofSeconds(10));
    return client;
  }

  /** Reads the public key a server must have. */
  static PublicKey hostKey(Path file) {
    try {
      List<AuthorizedKeyEntry> keys = AuthorizedKeyEntry.readAuthorizedKeys(file);
      if (keys.size() != 1) {
        throw new LabFault(
            "The board's host key " + file + " holds " + keys.size() + " keys instead of one.");
      }
      return keys.get(0).resolvePublicKey(null, null);
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw unreadable("host key", file, e);
    }
  }

  private static KeyPair clientKey(Path file) {
    try (var in = Files.newInputStream(file)) {
      Iterable<KeyPair> keys =
          SecurityUtils.loadKeyPairIdentities(
              null, new PathResource(file), in, FilePasswordProvider.EMPTY);
      if (keys != null) {
        for (KeyPair key : keys) {
          return key;
        }
      }
      throw new LabFault("The client key " + file + " holds no private key.");
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw unreadable("client key", file, e);
    }
  }

  /** A server with several keys shows the first type we ask for: ask for the one we know. */
  private static List<NamedFactory<Signature>> pinnedFirst(PublicKey pinned) {
    String type = KeyUtils.getKeyType(pinned);
    List<NamedFactory<Signature>> factories =
        new ArrayList<>(ClientBuilder.setUpDefaultSignatureFactories(false));
    factories.sort(
        Comparator.comparing(
            factory -> !KeyUtils.getCanonicalKeyType(factory.getName()).equals(type)));
    return factories;
  }

  private static LabFault unreadable(String what, Path file, Exception e) {
    return new LabFault(
        "Cannot read the %s %s: %s. Build the image again, or correct the board's file."
            .formatted(what, file, e),
        e);
  }
}
