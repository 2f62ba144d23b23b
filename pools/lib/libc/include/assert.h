/* SPDX-License-Identifier: BSD-3-Clause */
/* assert() panics with expression, file, line and function, unless NDEBUG is defined. */

/* No include guard: each inclusion follows the NDEBUG of its time, as the C standard asks. */
#undef assert

#ifdef NDEBUG
#define assert(expression) ((void)0)
#else
#define assert(expression) \
	((expression) ? (void)0 : __assert_fail(#expression, __FILE__, __LINE__, __func__))
#endif

#ifndef _ASSERT_H
#define _ASSERT_H

#if !defined(__cplusplus) && __STDC_VERSION__ < 202311L
#define static_assert _Static_assert
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** What a failed assert calls: panics with a message made of its arguments. */
void __assert_fail(const char *expression, const char *file, unsigned int line,
		   const char *function) __attribute__((__noreturn__, __cold__));

#ifdef __cplusplus
}
#endif

#endif /* _ASSERT_H */
