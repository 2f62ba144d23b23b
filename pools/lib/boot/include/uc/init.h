/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Constructors: what has to run before main, each with its undo.
 *
 *	static int disk_init(void) { ... }
 *	static void disk_undo(void) { ... }
 *	UC_INIT(UC_INIT_DEVICE, disk_init, .undo = disk_undo, .after = "pci timer");
 *
 * Levels run in ascending order. Within a level, a constructor runs after those that its `after`
 * names; what nothing orders runs in the order of the link, which is that of the libraries' names.
 * Undos run at shutdown in the reverse of the order in which the constructors ran, and only for
 * those that did. A cycle is a panic at boot that names its members.
 */
#ifndef UC_INIT_H
#define UC_INIT_H

#ifdef __cplusplus
extern "C" {
#endif

enum uc_init_level {
	UC_INIT_EARLY,	 /* what panics and messages need; no memory yet */
	UC_INIT_MEMORY,	 /* allocators */
	UC_INIT_CORE,	 /* scheduler, timers */
	UC_INIT_DEVICE,	 /* buses and drivers */
	UC_INIT_SERVICE, /* network stacks, file systems */
	UC_INIT_APP,	 /* the application's own */
};

struct uc_init {
	/* What others write into `after`; NULL for the name of the library. */
	const char *name;
	const char *library;
	/* 0, or a negative errno: the boot then ends with a panic that names the constructor. */
	int (*init)(void);
	/* May be NULL. */
	void (*undo)(void);
	/* Names, separated by spaces; NULL for none. Names that are not linked are no error. */
	const char *after;
	unsigned int level;
};

/* The build gives each library its name; the tests on the host have none. */
#ifndef UC_LIBRARY
#define UC_LIBRARY ""
#endif

/* Pointers, because the linker may put gaps between objects of a greater alignment. */
#define UC_INIT(init_level, function, ...)                                                  \
	static const struct uc_init uc_init_##function = {                                  \
		.library = UC_LIBRARY, .init = function, .level = init_level, ##__VA_ARGS__ \
	};                                                                                  \
	static const struct uc_init *const uc_init_pointer_##function                       \
		__attribute__((__section__("uc_inits"), __used__)) = &uc_init_##function

#ifdef __cplusplus
}
#endif

#endif /* UC_INIT_H */
