// SPDX-License-Identifier: GPL-2.0
/*
 * Where the fields are that Lastref's probes read, as this very kernel was
 * built. Compiled to assembly, never linked; build reads the marked lines.
 */
#include <linux/device.h>
#include <linux/kobject.h>
#include <linux/of.h>
#include <linux/stddef.h>

#define FIELD(s, f)							\
	asm volatile("\n.ascii \"@ " #s "." #f " %0\"" :			\
		     : "i" (offsetof(struct s, f)))

void lastref_offsets(void);

void lastref_offsets(void)
{
	FIELD(device_node, full_name);
	FIELD(device_node, _flags);
	FIELD(device_node, kobj);
	FIELD(kobject, name);
	FIELD(kobject, ktype);
	FIELD(kobject, kref);
#ifdef CONFIG_DEBUG_KOBJECT_RELEASE
	FIELD(kobject, release);
#endif
	FIELD(device, kobj);
	FIELD(device, of_node);
}
