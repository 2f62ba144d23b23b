/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdint.h>
#include <stdlib.h>

typedef int compare_fn(const void *, const void *);

/* An array, as heapsort sees it. */
struct array {
	char *base;
	size_t size; /* of an element, in bytes */
	compare_fn *compare;
};

static void swap(const struct array *array, size_t i, size_t j)
{
	char *a = array->base + i * array->size;
	char *b = array->base + j * array->size;

	for (size_t n = array->size; n; n--) {
		char c = *a;

		*a++ = *b;
		*b++ = c;
	}
}

static int less(const struct array *array, size_t i, size_t j)
{
	return array->compare(array->base + i * array->size, array->base + j * array->size) < 0;
}

/*
 * Restores the heap of `count` elements below `root`. Bottom-up (Wegener, 1993): goes down along
 * the greater children to a leaf without looking at the root's value, then up to where it belongs;
 * about half of the comparisons of the textbook's way.
 */
static void sift_down(const struct array *array, size_t root, size_t count)
{
	size_t node = root;

	/* node < (count - 1) / 2 is "has two children", without a product that could overflow. */
	while (node < (count - 1) / 2)
		node = less(array, 2 * node + 1, 2 * node + 2) ? 2 * node + 2 : 2 * node + 1;
	if (count % 2 == 0 && node == count / 2 - 1)
		node = count - 1;
	while (node > root && less(array, node, root))
		node = (node - 1) / 2;
	/* The root's value goes to node; what was on the path moves up by one. */
	for (; node > root; node = (node - 1) / 2)
		swap(array, root, node);
}

void qsort(void *base, size_t count, size_t size, compare_fn *compare)
{
	struct array array = { base, size, compare };

	if (count < 2 || size == 0)
		return;
	for (size_t root = count / 2; root-- > 0;)
		sift_down(&array, root, count);
	while (--count > 0) {
		swap(&array, 0, count);
		sift_down(&array, 0, count);
	}
}

void *bsearch(const void *key, const void *base, size_t count, size_t size, compare_fn *compare)
{
	const char *low = base;

	while (count > 0) {
		const char *middle = low + count / 2 * size;
		int order = compare(key, middle);

		if (order == 0)
			return (void *)middle;
		if (order > 0) {
			low = middle + size;
			count--;
		}
		count /= 2;
	}
	return NULL;
}
