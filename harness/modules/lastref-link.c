// SPDX-License-Identifier: GPL-2.0
/*
 * Device links that a driver makes itself, with DL_FLAG_AUTOREMOVE_CONSUMER:
 * they go when the consumer is unbound, whereas those that the driver core
 * infers from the devicetree stay until a device goes.
 *
 *	compatible = "lastref,supplier";
 *	lastref,sleeps-at-release;
 *
 *	compatible = "lastref,consumer";
 *	lastref,supplier-paths = "/a-node", "/another";
 *
 * A path as a string is nothing that the driver core reads, so no link is
 * inferred from it.  A supplier that sleeps at its release does what any
 * device may do there, so whoever puts it last has to be allowed to sleep.
 */

#include <linux/device.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_platform.h>
#include <linux/platform_device.h>

static const char supplier_paths[] = "lastref,supplier-paths";

/* The caller puts the device. Whatever is missing may still come. */
static struct device *lastref_find_supplier(const char *path)
{
	struct platform_device *supplier;
	struct device_node *np;
	bool bound;

	np = of_find_node_by_path(path);
	if (!np)
		return ERR_PTR(-EPROBE_DEFER);

	supplier = of_find_device_by_node(np);
	of_node_put(np);
	if (!supplier)
		return ERR_PTR(-EPROBE_DEFER);

	/* Nobody probes or unbinds it while it is locked. */
	device_lock(&supplier->dev);
	bound = supplier->dev.driver;
	device_unlock(&supplier->dev);
	if (!bound) {
		put_device(&supplier->dev);
		return ERR_PTR(-EPROBE_DEFER);
	}

	return &supplier->dev;
}

static int lastref_consumer_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct device *supplier;
	struct device_link *link;
	struct property *prop;
	const char *path;

	/* First see that all are there, so that no link is made in vain. */
	of_property_for_each_string(dev->of_node, supplier_paths, prop, path) {
		supplier = lastref_find_supplier(path);
		if (IS_ERR(supplier))
			return PTR_ERR(supplier);
		put_device(supplier);
	}

	of_property_for_each_string(dev->of_node, supplier_paths, prop, path) {
		supplier = lastref_find_supplier(path);
		if (IS_ERR(supplier))
			return PTR_ERR(supplier);

		link = device_link_add(dev, supplier,
				       DL_FLAG_AUTOREMOVE_CONSUMER);
		put_device(supplier);
		if (!link)
			return -EINVAL;
	}

	return 0;
}

static const struct of_device_id lastref_consumer_of_match[] = {
	{ .compatible = "lastref,consumer" },
	{ }
};
MODULE_DEVICE_TABLE(of, lastref_consumer_of_match);

static struct platform_driver lastref_consumer_driver = {
	.probe	= lastref_consumer_probe,
	.driver	= {
		.name		= "lastref-consumer",
		.of_match_table	= lastref_consumer_of_match,
	},
};

static void (*platform_release)(struct device *dev);

static void lastref_release(struct device *dev)
{
	might_sleep();
	platform_release(dev);
	module_put(THIS_MODULE);
}

static int lastref_supplier_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;

	if (of_property_read_bool(dev->of_node, "lastref,sleeps-at-release") &&
	    dev->release != lastref_release) {
		/* All platform devices of the devicetree have the same. */
		platform_release = dev->release;
		dev->release = lastref_release;
		__module_get(THIS_MODULE);
	}

	return 0;
}

static const struct of_device_id lastref_supplier_of_match[] = {
	{ .compatible = "lastref,supplier" },
	{ }
};
MODULE_DEVICE_TABLE(of, lastref_supplier_of_match);

static struct platform_driver lastref_supplier_driver = {
	.probe	= lastref_supplier_probe,
	.driver	= {
		.name		= "lastref-supplier",
		.of_match_table	= lastref_supplier_of_match,
	},
};

static struct platform_driver * const lastref_link_drivers[] = {
	&lastref_supplier_driver,
	&lastref_consumer_driver,
};

static int __init lastref_link_init(void)
{
	return platform_register_drivers(lastref_link_drivers,
					 ARRAY_SIZE(lastref_link_drivers));
}
module_init(lastref_link_init);

static void __exit lastref_link_exit(void)
{
	platform_unregister_drivers(lastref_link_drivers,
				    ARRAY_SIZE(lastref_link_drivers));
}
module_exit(lastref_link_exit);

MODULE_DESCRIPTION("Drivers whose device links go when they are unbound");
MODULE_LICENSE("GPL");
