/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <uc/test.h>
#include <uc/xenstore.h>

#include "test_xen.h"

static uint16_t domain = UINT16_MAX;

uint16_t own_domain(void)
{
	char text[8];

	if (domain == UINT16_MAX &&
	    uc_xenstore_read(UC_XENSTORE_NO_TRANSACTION, "domid", text, sizeof(text)) > 0)
		domain = (uint16_t)strtol(text, NULL, 10);
	return domain;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "offer") == 0)
		return offer((uint16_t)strtol(argv[2], NULL, 10));
	if (argc == 2 && strcmp(argv[1], "use") == 0)
		return use();
	if (argc == 3 && strcmp(argv[1], "alone") == 0) {
		domain = (uint16_t)strtol(argv[2], NULL, 10);
		return uc_test_run(NULL);
	}
	return uc_test_run(argc > 1 ? argv[1] : NULL);
}
