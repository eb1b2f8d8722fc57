package org.lastref.model;

import static org.lastref.model.KernelAct.act;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.lastref.trace.Event.Kind;

/**
 * A bus that devices are on: how it names them, and which of its functions do what. Read in Linux
 * 6.1.192.
 */
public final class Bus {

  /** drivers/base/platform.c. */
  public static final Bus PLATFORM =
      new Bus(
          "platform",
          "drivers/base/platform.c",
          "platform_probe",
          "platform_remove",
          "platform_device_put",
          "of_device_alloc",
          "platform_device_release");

  /** drivers/spi/spi.c; who unregisters a device returns its node. */
  public static final Bus SPI =
      new Bus(
          "spi",
          "drivers/spi/spi.c",
          "spi_probe",
          "spi_remove",
          "spi_unregister_device",
          "of_register_spi_device",
          "spi_unregister_device");

  /** drivers/i2c/i2c-core-base.c; the same. */
  public static final Bus I2C =
      new Bus(
          "i2c",
          "drivers/i2c/i2c-core-base.c",
          "i2c_device_probe",
          "i2c_device_remove",
          "device_unregister",
          "i2c_new_client_device",
          "i2c_unregister_device");

  /**
   * drivers/amba/bus.c. No driver of it is known, and a device of it goes with the bus that it is
   * below, for {@code of_platform_notify()} does not find it: so no model takes one down.
   */
  public static final Bus AMBA =
      new Bus(
          "amba",
          "drivers/amba/bus.c",
          "amba_probe",
          "amba_remove",
          "device_unregister",
          "of_amba_device_create",
          "amba_device_release");

  /** Every bus whose devices models take down. */
  public static final List<Bus> ALL = List.of(PLATFORM, SPI, I2C);

  private static final Pattern ADAPTER = Pattern.compile("i2c-[0-9]+");

  private final String name;
  private final String file;
  private final KernelAct probes;
  private final KernelAct removes;
  private final KernelAct getsNode;
  private final KernelAct putsDevice;
  private final KernelAct putsNode;
  private final String nodeGet;
  private final String nodePut;

  private Bus(
      String name,
      String file,
      String probe,
      String remove,
      String unregister,
      String nodeGet,
      String nodePut) {
    this.name = name;
    this.file = file;
    this.nodeGet = nodeGet;
    this.nodePut = nodePut;
    getsNode = act("device gets node", "of_node_get", Shown.taken(Kind.NODE, nodeGet));
    probes = act(name + " probes", probe, Shown.called(probe));
    removes = act(name + " removes", remove, Shown.called(remove));
    putsDevice = act("remover puts device", unregister, Shown.returned(Kind.DEVICE, unregister));
    putsNode = act("device puts node", "of_node_put", Shown.returned(Kind.NODE, nodePut));
  }

  /** The one of a name, as in {@code /sys/bus}; empty if the model does not know it. */
  public static Optional<Bus> of(String name) {
    return ALL.stream().filter(bus -> bus.name.equals(name)).findFirst();
  }

  /**
   * Whether what is called so on it is a device: an I2C bus has its adapters too, {@code
   * i2c_register_adapter()}, which have the nodes of controllers or of a mux's channels.
   */
  public boolean isDevice(String device) {
    return this != I2C || !ADAPTER.matcher(device).matches();
  }

  /** The file that its functions are in. */
  public String file() {
    return file;
  }

  /** A device as device links name it, {@code platform:lr-div}. */
  public String inLinks(String device) {
    return name + ":" + device;
  }

  /** A device as a step names it, {@code platform/lr-div}: its place below {@code /sys/bus}. */
  public String inSysfs(String device) {
    return name + "/" + device;
  }

  /** The same where a platform device needs no more than its name: {@code step_bound}. */
  String inBound(String device) {
    return this == PLATFORM ? device : inSysfs(device);
  }

  /** It probes a device. */
  public KernelAct probes() {
    return probes;
  }

  /** It removes a device from its driver. */
  public KernelAct removes() {
    return removes;
  }

  /** A new device takes its node's reference. */
  public KernelAct getsNode() {
    return getsNode;
  }

  /** Who unregisters a device returns the last reference of its maker. */
  public KernelAct putsDevice() {
    return putsDevice;
  }

  /**
   * Whether who unregisters a device returns its node's before anything else, the unbinding
   * included: {@code i2c_unregister_device()} and {@code spi_unregister_device()}. Else its release
   * does, as {@code platform_device_release()}.
   */
  boolean putsNodeFirst() {
    return this == I2C || this == SPI;
  }

  /** A device that goes returns its node's. */
  public KernelAct putsNode() {
    return putsNode;
  }

  /** The function that takes the node of a new device. */
  public String nodeGet() {
    return nodeGet;
  }

  /** The function that returns it. */
  public String nodePut() {
    return nodePut;
  }

  /** As in {@code /sys/bus}. */
  @Override
  public String toString() {
    return name;
  }
}
