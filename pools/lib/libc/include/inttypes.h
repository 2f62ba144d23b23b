/* SPDX-License-Identifier: BSD-3-Clause */
/* Format macros for the types of stdint.h, and the functions on intmax_t. */
#ifndef _INTTYPES_H
#define _INTTYPES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* GCC defines __INT64_TYPE__ as long where pointers have 64 bits, as long long where not. */
#if __SIZEOF_LONG__ == 8
#define __UC_PRI64 "l"
#else
#define __UC_PRI64 "ll"
#endif
#if __SIZEOF_POINTER__ == __SIZEOF_LONG__ && __SIZEOF_LONG__ != __SIZEOF_INT__
#define __UC_PRIPTR "l"
#else
#define __UC_PRIPTR ""
#endif

#define PRId8	    "hhd"
#define PRIdLEAST8  "hhd"
#define PRId16	    "hd"
#define PRIdLEAST16 "hd"
#define PRId32	    "d"
#define PRIdLEAST32 "d"
#define PRId64	    __UC_PRI64 "d"
#define PRIdLEAST64 __UC_PRI64 "d"
#define PRIdMAX	    "jd"
#define PRIdPTR	    __UC_PRIPTR "d"

#define PRIi8	    "hhi"
#define PRIiLEAST8  "hhi"
#define PRIi16	    "hi"
#define PRIiLEAST16 "hi"
#define PRIi32	    "i"
#define PRIiLEAST32 "i"
#define PRIi64	    __UC_PRI64 "i"
#define PRIiLEAST64 __UC_PRI64 "i"
#define PRIiMAX	    "ji"
#define PRIiPTR	    __UC_PRIPTR "i"

#define PRIo8	    "hho"
#define PRIoLEAST8  "hho"
#define PRIo16	    "ho"
#define PRIoLEAST16 "ho"
#define PRIo32	    "o"
#define PRIoLEAST32 "o"
#define PRIo64	    __UC_PRI64 "o"
#define PRIoLEAST64 __UC_PRI64 "o"
#define PRIoMAX	    "jo"
#define PRIoPTR	    __UC_PRIPTR "o"

#define PRIu8	    "hhu"
#define PRIuLEAST8  "hhu"
#define PRIu16	    "hu"
#define PRIuLEAST16 "hu"
#define PRIu32	    "u"
#define PRIuLEAST32 "u"
#define PRIu64	    __UC_PRI64 "u"
#define PRIuLEAST64 __UC_PRI64 "u"
#define PRIuMAX	    "ju"
#define PRIuPTR	    __UC_PRIPTR "u"

#define PRIx8	    "hhx"
#define PRIxLEAST8  "hhx"
#define PRIx16	    "hx"
#define PRIxLEAST16 "hx"
#define PRIx32	    "x"
#define PRIxLEAST32 "x"
#define PRIx64	    __UC_PRI64 "x"
#define PRIxLEAST64 __UC_PRI64 "x"
#define PRIxMAX	    "jx"
#define PRIxPTR	    __UC_PRIPTR "x"

#define PRIX8	    "hhX"
#define PRIXLEAST8  "hhX"
#define PRIX16	    "hX"
#define PRIXLEAST16 "hX"
#define PRIX32	    "X"
#define PRIXLEAST32 "X"
#define PRIX64	    __UC_PRI64 "X"
#define PRIXLEAST64 __UC_PRI64 "X"
#define PRIXMAX	    "jX"
#define PRIXPTR	    __UC_PRIPTR "X"

typedef struct {
	intmax_t quot;
	intmax_t rem;
} imaxdiv_t;

intmax_t imaxabs(intmax_t i);
imaxdiv_t imaxdiv(intmax_t numerator, intmax_t denominator);
intmax_t strtoimax(const char *restrict s, char **restrict end, int base);
uintmax_t strtoumax(const char *restrict s, char **restrict end, int base);

#ifdef __cplusplus
}
#endif

#endif /* _INTTYPES_H */
