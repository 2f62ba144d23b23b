/* SPDX-License-Identifier: BSD-3-Clause */
/* For assembly: notes by which Xen's builder knows how to start the image (public/elfnote.h). */
#ifndef XEN_NOTE_H
#define XEN_NOTE_H

/* clang-format off */
#define XEN_NOTE(type, value)                                                                      \
	.pushsection .note.Xen, "a", @note;                                                        \
	.balign 4;                                                                                 \
	.long 4;                                                                                   \
	.long 2f - 1f;                                                                             \
	.long type;                                                                                \
	.asciz "Xen";                                                                              \
	1: value;                                                                                  \
	2: .balign 4;                                                                              \
	.popsection
/* clang-format on */

#endif /* XEN_NOTE_H */
