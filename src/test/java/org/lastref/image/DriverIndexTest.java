package org.lastref.image;

import static org.testng.Assert.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.lastref.image.DriverIndex.Driver;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Which driver of a source tree knows what, and which option has it built. */
public class DriverIndexTest {

  private Path folder = Path.of("");
  private Path tree = Path.of("");

  @BeforeMethod
  void makeTree() throws IOException {
    folder = Files.createTempDirectory("lastref-drivers");
    tree = folder.resolve("tree");
    write("sound/Makefile", "");
    write("net/Makefile", "");
    write("drivers/Makefile", "obj-y += chips/\nobj-$(CONFIG_STAGING) += staging/\n");
    write(
        "drivers/chips/Makefile",
        """
        # obj-$(CONFIG_OLD) += one.o
        obj-$(CONFIG_ONE) += one.o
        obj-$(CONFIG_MANY)\t+= first.o \\
        \tmany.o # the rest
        many-objs := many-core.o
        many-$(CONFIG_MANY_I2C) += bus/many-i2c.o
        obj-y += always.o
        """);
    write("drivers/staging/Makefile", "obj-y += raw.o\n");
    write(
        "drivers/chips/one.c",
        "{ .compatible = \"vendor,one\" },\n{ .compatible=\"other,one\", },");
    write("drivers/chips/many-core.c", "IRQCHIP_DECLARE(many, \"vendor,many\", many_init);");
    write("drivers/chips/bus/many-i2c.c", "\t.compatible = \"vendor,many-i2c\",");
    write("drivers/chips/always.c", "{ .compatible = \"vendor,always\" }");
    write(
        "drivers/staging/raw.c",
        "if (of_device_is_compatible(node, \"vendor,none\"))\n"
            + "FBTFT_REGISTER_SPI_DRIVER(NAME, \"vendor\", \"raw\", &display);");
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private void write(String file, String text) throws IOException {
    Path path = tree.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  /** Where the sources were looked through. */
  private Path index(String... more) throws Exception {
    List<String> words =
        Stream.concat(Stream.of("6.1", "--source", "" + tree), Stream.of(more)).toList();
    Scripted.Ended ended = Scripted.run(folder, Path.of("harness/kernel/drivers"), words);
    assertEquals(ended.exit(), 0, ended.said());
    List<String> said = ended.said().lines().toList();
    return Path.of(said.get(said.size() - 1));
  }

  private List<Driver> found(String compatible) throws Exception {
    Path index = index();
    Path config = Files.writeString(folder.resolve("config"), "CONFIG_ONE=y\nCONFIG_MANY=m\n");
    return new DriverIndex(() -> index, config)
        .of(List.of(compatible))
        .getOrDefault(compatible, List.of());
  }

  @DataProvider
  static Object[][] drivers() {
    return new Object[][] {
      {"vendor,one", "drivers/chips/one.c", List.of("CONFIG_ONE"), true},
      {"other,one", "drivers/chips/one.c", List.of("CONFIG_ONE"), true},
      {"vendor,many", "drivers/chips/many-core.c", List.of("CONFIG_MANY"), false},
      {"vendor,many-i2c", "drivers/chips/bus/many-i2c.c", List.of("CONFIG_MANY_I2C"), false},
      {"vendor,always", "drivers/chips/always.c", List.of(), false},
      {"vendor,raw", "drivers/staging/raw.c", List.of("CONFIG_STAGING"), false},
    };
  }

  @Test(dataProvider = "drivers")
  public void areFoundWithTheirOptions(
      String compatible, String source, List<String> options, boolean built) throws Exception {
    assertEquals(found(compatible), List.of(new Driver(source, options, built)));
  }

  @Test
  public void whatIsOnlyAskedForIsNoDriversOwn() throws Exception {
    assertEquals(found("vendor,none"), List.of());
  }

  @Test
  public void areLookedForAgainOnlyIfTheSourcesChanged() throws Exception {
    Path first = index();
    assertEquals(index(), first);
    write("drivers/chips/one.c", "{ .compatible = \"vendor,two\" },");
    List<String> lines = Files.readAllLines(index());
    assertEquals(
        lines.stream().filter(line -> line.contains("one.c")).toList(),
        List.of("vendor,two\tdrivers/chips/one.c\tCONFIG_ONE"));
  }

  @Test
  public void areThoseThatAPatchAddsToo() throws Exception {
    Path patch =
        Files.writeString(
            folder.resolve("add.patch"),
            """
            --- /dev/null
            +++ b/drivers/chips/new.c
            @@ -0,0 +1 @@
            +{ .compatible = "vendor,new" },
            --- a/drivers/chips/Makefile
            +++ b/drivers/chips/Makefile
            @@ -1,2 +1,3 @@
             # obj-$(CONFIG_OLD) += one.o
            +obj-$(CONFIG_NEW) += new.o
             obj-$(CONFIG_ONE) += one.o
            --- a/include/linux/new.h
            +++ b/include/linux/new.h
            @@ -1 +1 @@
            -old
            +new
            """);
    List<String> lines = Files.readAllLines(index("--patch", "" + patch));
    assertEquals(
        lines.stream().filter(line -> line.contains("new")).toList(),
        List.of("vendor,new\tdrivers/chips/new.c\tCONFIG_NEW"));
  }
}
