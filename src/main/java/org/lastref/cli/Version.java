package org.lastref.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.image.Revision;
import picocli.CommandLine.IVersionProvider;

/**
 * What {@code --version} prints. The version is the one of {@code pom.xml}, and stands nowhere
 * else.
 */
final class Version implements IVersionProvider {

  private static final String FILE = "version.properties";

  @Override
  public String[] getVersion() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new InputFault("this build of Lastref lacks " + FILE);
      }
      properties.load(in);
    } catch (IOException e) {
      throw new LabFault("cannot read " + FILE, e);
    }
    // What is not released yet is told by its revision.
    String version = properties.getProperty("version", "").replaceFirst("-SNAPSHOT$", "");
    String revision = Revision.of(Main.project()).map(each -> " (" + each + ")").orElse("");
    return new String[] {"lastref " + version + revision};
  }
}
