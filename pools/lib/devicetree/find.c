/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "devicetree.h"

/* The length of the name that a path begins with. */
static size_t first_name(const char *path)
{
	size_t n = 0;

	while (path[n] && path[n] != '/')
		n++;
	return n;
}

int uc_devicetree_find(const struct uc_devicetree *tree, const char *path,
		       struct uc_devicetree_node *out)
{
	unsigned int depth = 0;
	int error;

	memset(out, 0, sizeof(*out));
	while ((error = uc_devicetree_next(tree, out)) == 0) {
		/* The node that was found of the path so far has ended. */
		if (out->depth < depth)
			return -ENOENT;
		if (out->depth > depth)
			continue;
		if (depth > 0) {
			size_t n = first_name(path);

			if (strncmp(out->name, path, n) != 0 || out->name[n])
				continue;
			path += n;
		}
		while (*path == '/')
			path++;
		if (!*path)
			return 0;
		depth++;
	}
	return error;
}
