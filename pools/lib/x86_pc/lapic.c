/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The local APIC's timer (Intel SDM 3A, 10.5.4). In QEMU (hw/intc/apic_common.c) and KVM
 * (APIC_BUS_CYCLE_NS) it counts nanoseconds.
 */
#include <uc/arch/instructions.h>
#include <uc/arch/system.h>

#include "x86_pc.h"

#define FEATURE_APIC   (1u << 9)  /* CPUID leaf 1, edx */
#define FEATURE_X2APIC (1u << 21) /* ecx */

#define MSR_BASE     0x1b
#define BASE_ENABLED 0x800
#define BASE_X2APIC  0x400
#define BASE_ADDRESS UINT64_C(0xffffff000)
#define MSR_X2APIC   0x800

/* Registers, in units of 16 bytes: the numbers of x2APIC's MSRs. */
#define TASK_PRIORITY 0x08
#define END_OF_INT    0x0b
#define SPURIOUS      0x0f
#define LVT_TIMER     0x32
#define LVT_LINT0     0x35
#define INITIAL_COUNT 0x38
#define CURRENT_COUNT 0x39
#define DIVIDE	      0x3e

#define SOFTWARE_ENABLE	   0x100
#define MASKED		   0x10000
#define PERIODIC	   0x20000
#define EXTERNAL_INTERRUPT 0x700
#define DIVIDE_BY_1	   0x0b

#define PERIODIC_MIN 1000000

static volatile uint32_t *registers; /* NULL with x2APIC */
static bool exists;

static uint32_t get(unsigned int r)
{
	return registers ? registers[r * 4] : (uint32_t)read_msr(MSR_X2APIC + r);
}

static void set(unsigned int r, uint32_t value)
{
	if (registers)
		registers[r * 4] = value;
	else
		write_msr(MSR_X2APIC + r, value);
}

void lapic_init(void)
{
	struct cpuid features = cpuid(1);
	uint64_t base;

	if (!(features.d & FEATURE_APIC))
		return;
	base = read_msr(MSR_BASE) | BASE_ENABLED;
	if (features.c & FEATURE_X2APIC)
		base |= BASE_X2APIC;
	else
		registers = (volatile uint32_t *)(base & BASE_ADDRESS);
	write_msr(MSR_BASE, base);
	set(SPURIOUS, SOFTWARE_ENABLE | UC_X86_VECTOR_SPURIOUS);
	set(TASK_PRIORITY, 0);
	set(LVT_LINT0, EXTERNAL_INTERRUPT);
	set(LVT_TIMER, MASKED);
	set(DIVIDE, DIVIDE_BY_1);
	exists = true;
}

bool lapic_exists(void)
{
	return exists;
}

void lapic_count_start(void)
{
	set(INITIAL_COUNT, UINT32_MAX);
}

uint32_t lapic_count(void)
{
	return UINT32_MAX - get(CURRENT_COUNT);
}

/*
 * A periodic count goes on after its end, and so tells how long ago that was. It must be too long
 * to end twice before it is stopped.
 */
void lapic_arm(uint32_t ns)
{
	set(LVT_TIMER, UC_X86_VECTOR_TIMER | (ns >= PERIODIC_MIN ? PERIODIC : 0));
	set(INITIAL_COUNT, ns);
}

uint32_t lapic_stop(uint32_t armed_ns, bool ended)
{
	uint32_t left = get(CURRENT_COUNT);
	uint32_t passed = armed_ns - left;

	set(LVT_TIMER, MASKED);
	set(INITIAL_COUNT, 0);
	if (!ended)
		return passed;
	return armed_ns < PERIODIC_MIN || __builtin_add_overflow(passed, armed_ns, &passed)
		       ? 0
		       : passed;
}

void lapic_end_of_interrupt(void)
{
	set(END_OF_INT, 0);
}
