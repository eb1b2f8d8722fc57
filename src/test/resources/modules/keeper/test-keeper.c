// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that cannot be unloaded once it has probed a device of an overlay: it takes its own
 * module and never puts it, and makes a device that it is then bound to for ever. It uses another
 * module, which can then not be unloaded either.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>

void test_kept(void);

static int keeper_probe(struct platform_device *pdev)
{
	struct platform_device *own;

	test_kept();
	if (!pdev->dev.of_node)
		return 0;
	own = platform_device_register_simple("test-keeper", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(own))
		return PTR_ERR(own);
	__module_get(THIS_MODULE);
	return 0;
}

static const struct of_device_id keeper_match[] = {
	{ .compatible = "test,keeper" },
	{ }
};

static struct platform_driver keeper = {
	.probe = keeper_probe,
	.driver = {
		.name = "test-keeper",
		.of_match_table = keeper_match,
	},
};
module_platform_driver(keeper);

MODULE_DESCRIPTION("A driver that cannot be unloaded, for a test");
MODULE_LICENSE("GPL");
