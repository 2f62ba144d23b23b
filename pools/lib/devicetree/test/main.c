/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <uc/test.h>

int main(int argc, char **argv)
{
	return uc_test_run(argc > 1 ? argv[1] : NULL);
}
