// SPDX-License-Identifier: GPL-2.0
/* Something that another module uses. */
#include <linux/module.h>

void test_kept(void);

void test_kept(void)
{
}
EXPORT_SYMBOL_GPL(test_kept);

MODULE_DESCRIPTION("What test-keeper uses");
MODULE_LICENSE("GPL");
