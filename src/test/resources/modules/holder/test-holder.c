// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that no model knows. It holds another node as long as it is bound; with "test,keeps" for
 * ever.
 */
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/version.h>

static int holder_probe(struct platform_device *pdev)
{
	struct device_node *other = of_parse_phandle(pdev->dev.of_node, "test,holds", 0);

	if (!other)
		return -EINVAL;
	/* Of a node that is on its way out the properties are gone first. */
	if (!of_property_read_bool(pdev->dev.of_node, "test,keeps"))
		platform_set_drvdata(pdev, other);
	return 0;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
static void holder_remove(struct platform_device *pdev)
{
	of_node_put(platform_get_drvdata(pdev));
}
#else
static int holder_remove(struct platform_device *pdev)
{
	of_node_put(platform_get_drvdata(pdev));
	return 0;
}
#endif

static const struct of_device_id holder_match[] = {
	{ .compatible = "test,holder" },
	{ }
};

static struct platform_driver holder = {
	.probe = holder_probe,
	.remove = holder_remove,
	.driver = {
		.name = "test-holder",
		.of_match_table = holder_match,
	},
};
module_platform_driver(holder);

MODULE_DESCRIPTION("A driver of its own for a test");
MODULE_LICENSE("GPL");
