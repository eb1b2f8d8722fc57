package org.lastref.image;

import java.nio.file.Path;

/**
 * Everything needed to boot a board and reach it.
 *
 * @param kernel the arm64 {@code Image}
 * @param initramfs a gzip-compressed cpio archive
 * @param hostKey the board's SSH host key, public, one line in OpenSSH format
 * @param clientKey the private key that logs in as root, OpenSSH or PEM format
 */
public record Image(Path kernel, Path initramfs, Path hostKey, Path clientKey) implements Payload {}
