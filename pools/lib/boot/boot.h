/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

/** Runs the constructors. Panics if one fails or if their order is a circle. */
void constructors_run(void);

/** Runs the undos of the constructors that ran. */
void constructors_undo(void);

struct arguments {
	int argc;
	char **argv; /* argv[0] is the name; argv[argc] is NULL */
};

/** Sets the options of a process's words apart. Changes the order of argv. */
struct arguments arguments_of_words(int argc, char **argv);

/** The words of a line, with the application's name before them. */
struct arguments arguments_of_line(char *line, char *name);

/** Parks if the options ask for it: then what the claim brought, else the arguments as they are. */
struct arguments arguments_after_parking(struct arguments arguments);

#endif /* BOOT_BOOT_H */
