// SPDX-License-Identifier: GPL-2.0
/*
 * Managed resources on buses without hardware.
 *
 * A power domain, a SPI controller and an I2C adapter behind which there is
 * nothing, and one driver for clients on the SPI, the I2C and the platform bus.
 * A client's devicetree node says which resources its driver takes in probe,
 * in which order, and whether probe fails afterwards:
 *
 *	client@0 {
 *		compatible = "lastref,managed";
 *		reg = <0>;
 *		power-domains = <&domain>;
 *		clocks = <&clk>;
 *		vdd-supply = <&vdd>;
 *		lastref,managed = "memory", "irq", "clk", "regulator", "access";
 *		lastref,fail;
 *	};
 *
 * "access" is the chip itself, which is disabled when it is released. That takes
 * power: the domain notices if the client is not a member of it any more.
 */

#include <linux/clk.h>
#include <linux/device.h>
#include <linux/i2c.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/pm_domain.h>
#include <linux/regulator/consumer.h>
#include <linux/spi/spi.h>
#include <linux/xarray.h>

/* The power domain. */

/* Every device that is attached to a domain of ours. */
static DEFINE_XARRAY(managed_powered);

static int managed_domain_attach(struct generic_pm_domain *genpd,
				 struct device *dev)
{
	return xa_err(xa_store(&managed_powered, (unsigned long)dev, genpd,
			       GFP_KERNEL));
}

static void managed_domain_detach(struct generic_pm_domain *genpd,
				  struct device *dev)
{
	xa_erase(&managed_powered, (unsigned long)dev);
}

/* Uses a client's chip, which takes power. */
static bool managed_use(struct device *dev)
{
	bool powered = xa_load(&managed_powered, (unsigned long)dev);

	if (!powered)
		dev_err(dev, "used after its PM domain was detached\n");

	return powered;
}

/*
 * genpd drops the last reference to its device in pm_genpd_remove() and still
 * uses the domain afterwards: what holds both is the platform device's.
 */
static void managed_domain_release(struct device *dev)
{
}

static int managed_domain_probe(struct platform_device *pdev)
{
	struct generic_pm_domain *genpd;
	int ret;

	genpd = devm_kzalloc(&pdev->dev, sizeof(*genpd), GFP_KERNEL);
	if (!genpd)
		return -ENOMEM;

	genpd->name = dev_name(&pdev->dev);
	genpd->attach_dev = managed_domain_attach;
	genpd->detach_dev = managed_domain_detach;
	platform_set_drvdata(pdev, genpd);

	ret = pm_genpd_init(genpd, NULL, true);
	if (ret)
		return ret;

	genpd->dev.release = managed_domain_release;
	ret = of_genpd_add_provider_simple(pdev->dev.of_node, genpd);
	if (ret)
		pm_genpd_remove(genpd);

	return ret;
}

static void managed_domain_remove(struct platform_device *pdev)
{
	of_genpd_del_provider(pdev->dev.of_node);
	if (pm_genpd_remove(platform_get_drvdata(pdev)))
		dev_err(&pdev->dev, "removed while it has members\n");
}

static const struct of_device_id managed_domain_match[] = {
	{ .compatible = "lastref,power-domain" },
	{ }
};

static struct platform_driver managed_domain_driver = {
	.probe = managed_domain_probe,
	.remove_new = managed_domain_remove,
	.driver = {
		.name = "lastref-power-domain",
		.of_match_table = managed_domain_match,
	},
};

/* The SPI controller. */

static int managed_spi_transfer(struct spi_controller *ctlr,
				struct spi_message *msg)
{
	msg->status = 0;
	msg->actual_length = msg->frame_length;
	spi_finalize_current_message(ctlr);

	return 0;
}

static int managed_spi_controller_probe(struct platform_device *pdev)
{
	struct spi_controller *ctlr;

	ctlr = devm_spi_alloc_master(&pdev->dev, 0);
	if (!ctlr)
		return -ENOMEM;

	ctlr->dev.of_node = pdev->dev.of_node;
	ctlr->num_chipselect = 1;
	ctlr->transfer_one_message = managed_spi_transfer;

	return devm_spi_register_controller(&pdev->dev, ctlr);
}

static const struct of_device_id managed_spi_controller_match[] = {
	{ .compatible = "lastref,spi" },
	{ }
};

static struct platform_driver managed_spi_controller_driver = {
	.probe = managed_spi_controller_probe,
	.driver = {
		.name = "lastref-spi",
		.of_match_table = managed_spi_controller_match,
	},
};

/* The I2C adapter. */

static int managed_i2c_transfer(struct i2c_adapter *adap, struct i2c_msg *msgs,
				int num)
{
	return num;
}

static u32 managed_i2c_functionality(struct i2c_adapter *adap)
{
	return I2C_FUNC_I2C;
}

static const struct i2c_algorithm managed_i2c_algorithm = {
	.master_xfer = managed_i2c_transfer,
	.functionality = managed_i2c_functionality,
};

static int managed_i2c_adapter_probe(struct platform_device *pdev)
{
	struct i2c_adapter *adap;

	adap = devm_kzalloc(&pdev->dev, sizeof(*adap), GFP_KERNEL);
	if (!adap)
		return -ENOMEM;

	strscpy(adap->name, dev_name(&pdev->dev), sizeof(adap->name));
	adap->owner = THIS_MODULE;
	adap->algo = &managed_i2c_algorithm;
	adap->dev.parent = &pdev->dev;
	adap->dev.of_node = pdev->dev.of_node;

	return devm_i2c_add_adapter(&pdev->dev, adap);
}

static const struct of_device_id managed_i2c_adapter_match[] = {
	{ .compatible = "lastref,i2c" },
	{ }
};

static struct platform_driver managed_i2c_adapter_driver = {
	.probe = managed_i2c_adapter_probe,
	.driver = {
		.name = "lastref-i2c",
		.of_match_table = managed_i2c_adapter_match,
	},
};

/* The clients. */

static int managed_take_memory(struct device *dev)
{
	return devm_kzalloc(dev, 64, GFP_KERNEL) ? 0 : -ENOMEM;
}

static irqreturn_t managed_interrupt(int irq, void *dev)
{
	return IRQ_HANDLED;
}

static int managed_take_irq(struct device *dev)
{
	int irq = devm_irq_alloc_desc(dev, -1);

	if (irq < 0)
		return irq;

	irq_set_chip_and_handler(irq, &dummy_irq_chip, handle_simple_irq);
	irq_modify_status(irq, IRQ_NOREQUEST, 0);

	return devm_request_irq(dev, irq, managed_interrupt, 0, dev_name(dev),
				dev);
}

static int managed_take_clk(struct device *dev)
{
	return PTR_ERR_OR_ZERO(devm_clk_get(dev, NULL));
}

static int managed_take_regulator(struct device *dev)
{
	return PTR_ERR_OR_ZERO(devm_regulator_get(dev, "vdd"));
}

static void managed_disable(void *dev)
{
	managed_use(dev);
}

static int managed_take_access(struct device *dev)
{
	if (!managed_use(dev))
		return -ENODEV;

	return devm_add_action_or_reset(dev, managed_disable, dev);
}

static const struct {
	const char *name;
	int (*take)(struct device *dev);
} managed_resources[] = {
	{ "memory", managed_take_memory },
	{ "irq", managed_take_irq },
	{ "clk", managed_take_clk },
	{ "regulator", managed_take_regulator },
	{ "access", managed_take_access },
};

static int managed_take(struct device *dev, const char *name)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(managed_resources); i++) {
		if (!strcmp(managed_resources[i].name, name))
			return managed_resources[i].take(dev);
	}

	return -EINVAL;
}

/* Not inlined, so that a probe can be set here. */
static noinline int managed_probe(struct device *dev)
{
	struct property *prop;
	const char *name;
	int ret;

	of_property_for_each_string(dev->of_node, "lastref,managed", prop, name) {
		ret = managed_take(dev, name);
		if (ret)
			return dev_err_probe(dev, ret, "cannot take %s\n", name);
	}

	return of_property_read_bool(dev->of_node, "lastref,fail") ? -EIO : 0;
}

/* What was taken is released after this, without its doing. */
static noinline void managed_remove(struct device *dev)
{
	managed_use(dev);
}

static const struct of_device_id managed_match[] = {
	{ .compatible = "lastref,managed" },
	{ }
};
MODULE_DEVICE_TABLE(of, managed_match);

static int managed_platform_probe(struct platform_device *pdev)
{
	return managed_probe(&pdev->dev);
}

static void managed_platform_remove(struct platform_device *pdev)
{
	managed_remove(&pdev->dev);
}

static struct platform_driver managed_platform_driver = {
	.probe = managed_platform_probe,
	.remove_new = managed_platform_remove,
	.driver = {
		.name = "lastref-managed",
		.of_match_table = managed_match,
	},
};

static int managed_spi_probe(struct spi_device *spi)
{
	return managed_probe(&spi->dev);
}

static void managed_spi_remove(struct spi_device *spi)
{
	managed_remove(&spi->dev);
}

static const struct spi_device_id managed_spi_ids[] = {
	{ "managed" },
	{ }
};
MODULE_DEVICE_TABLE(spi, managed_spi_ids);

static struct spi_driver managed_spi_driver = {
	.probe = managed_spi_probe,
	.remove = managed_spi_remove,
	.id_table = managed_spi_ids,
	.driver = {
		.name = "lastref-managed",
		.of_match_table = managed_match,
	},
};

static int managed_i2c_probe(struct i2c_client *client)
{
	return managed_probe(&client->dev);
}

static void managed_i2c_remove(struct i2c_client *client)
{
	managed_remove(&client->dev);
}

static struct i2c_driver managed_i2c_driver = {
	.I2C_PROBE = managed_i2c_probe,
	.remove = managed_i2c_remove,
	.driver = {
		.name = "lastref-managed",
		.of_match_table = managed_match,
	},
};

static struct platform_driver * const managed_platform_drivers[] = {
	&managed_domain_driver,
	&managed_spi_controller_driver,
	&managed_i2c_adapter_driver,
	&managed_platform_driver,
};

static int __init managed_init(void)
{
	int ret;

	ret = spi_register_driver(&managed_spi_driver);
	if (ret)
		return ret;

	ret = i2c_add_driver(&managed_i2c_driver);
	if (ret)
		goto err_spi;

	ret = platform_register_drivers(managed_platform_drivers,
					ARRAY_SIZE(managed_platform_drivers));
	if (ret)
		goto err_i2c;

	return 0;

err_i2c:
	i2c_del_driver(&managed_i2c_driver);
err_spi:
	spi_unregister_driver(&managed_spi_driver);
	return ret;
}
module_init(managed_init);

static void __exit managed_exit(void)
{
	platform_unregister_drivers(managed_platform_drivers,
				    ARRAY_SIZE(managed_platform_drivers));
	i2c_del_driver(&managed_i2c_driver);
	spi_unregister_driver(&managed_spi_driver);
}
module_exit(managed_exit);

MODULE_DESCRIPTION("Managed resources on buses without hardware");
MODULE_LICENSE("GPL");
