/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The monotonic clock counts cycles of the time-stamp counter. Their rate comes from the first that
 * knows it:
 *   - KVM's pvclock (Linux, Documentation/virt/kvm/x86/msr.rst);
 *   - CPUID leaf 0x15 or 0x16 (Intel SDM 2A);
 *   - a short measurement against the local APIC's timer, which counts nanoseconds in QEMU and
 *     KVM, or against the PIT. It costs 0.1 ms, or 1 ms, and every longer sleep makes it better.
 */
#include <uc/arch.h>
#include <uc/arch/instructions.h>
#include <uc/arch/system.h>
#include <uc/plat.h>
#include <uc/x86_pc.h>

#include "x86_pc.h"

#define LEAF_HYPERVISOR 0x40000000
#define HYPERVISOR_BIT	(1u << 31) /* CPUID leaf 1, ecx */
#define SIGNATURE_KVM	0x4b4d564b /* "KVMK" in ebx */

#define KVM_FEATURE_CLOCK2 (1u << 3)
#define MSR_KVM_CLOCK	   0x4b564d01

#define MEASURE_NS 100000
#define NS_PER_SEC UINT64_C(1000000000)

/* What KVM keeps up to date; struct pvclock_vcpu_time_info. */
struct pvclock {
	uint32_t version; /* odd while it changes */
	uint32_t reserved0;
	uint64_t cycles;
	uint64_t ns;
	uint32_t multiplier;
	int8_t shift;
	uint8_t flags;
	uint8_t reserved1[2];
};

static volatile struct pvclock pvclock __attribute__((__aligned__(64)));
static bool has_pvclock;
static uint64_t pvclock_start;

/* ns = base_ns + (cycles - base_cycles) * rate / 2^32 */
static uint64_t base_cycles, base_ns, rate;

/* How long the measurement of the rate took; UINT64_MAX where it was not measured. */
static uint64_t measured_ns;

static uint64_t scale(uint64_t cycles, uint64_t by)
{
	return (uint64_t)((unsigned __int128)cycles * by >> 32);
}

static uint64_t read_pvclock(uint64_t (*now)(void))
{
	uint32_t version;
	uint64_t ns;

	do {
		version = pvclock.version;
		uc_arch_compiler_barrier();

		uint64_t cycles = now() - pvclock.cycles;

		cycles = pvclock.shift < 0 ? cycles >> -pvclock.shift : cycles << pvclock.shift;
		ns = pvclock.ns + scale(cycles, pvclock.multiplier);
		uc_arch_compiler_barrier();
	} while (version & 1 || version != pvclock.version);
	return ns;
}

static uint64_t entry_cycles(void)
{
	return uc_x86_entry_cycles;
}

static bool find_pvclock(void)
{
	struct cpuid kvm;

	if (!(cpuid(1).c & HYPERVISOR_BIT))
		return false;
	kvm = cpuid(LEAF_HYPERVISOR);
	if (kvm.b != SIGNATURE_KVM || !(cpuid(LEAF_HYPERVISOR + 1).a & KVM_FEATURE_CLOCK2))
		return false;
	write_msr(MSR_KVM_CLOCK, (uintptr_t)&pvclock | 1);
	if (pvclock.multiplier == 0)
		return false;
	has_pvclock = true;
	/* KVM's time stamp is of now, the entry was before: count back from it. */
	uint64_t before = pvclock.cycles - uc_x86_entry_cycles;

	before = pvclock.shift < 0 ? before >> -pvclock.shift : before << pvclock.shift;
	pvclock_start = pvclock.cycles > uc_x86_entry_cycles
				? pvclock.ns - scale(before, pvclock.multiplier)
				: read_pvclock(entry_cycles);
	return true;
}

/* The rate that the CPU tells, in Hz; 0 if it does not. */
static uint64_t told_rate(void)
{
	uint32_t leaves = cpuid(0).a;
	struct cpuid ratio;

	if (leaves < 0x15)
		return 0;
	ratio = cpuid(0x15);
	if (ratio.a && ratio.b && ratio.c)
		return (uint64_t)ratio.c * ratio.b / ratio.a;
	return leaves < 0x16 ? 0 : (uint64_t)(cpuid(0x16).a & 0xffff) * 1000000;
}

/* ns * 2^32 / cycles. For a division of 128 bits the compiler would call a library. */
static void set_rate(uint64_t cycles, uint64_t ns)
{
	uint64_t rest;

	if (ns >> 32 < cycles)
		__asm__("divq %2"
			: "=a"(rate), "=d"(rest)
			: "r"(cycles), "a"(ns << 32), "d"(ns >> 32));
}

struct sample {
	uint64_t cycles;
	uint32_t ns;
};

/* Reads both clocks at the same moment: of a few attempts, the one that took the shortest. */
static struct sample take_sample(void)
{
	struct sample best = { 0 };
	uint64_t shortest = UINT64_MAX;

	for (unsigned int i = 0; i < 4; i++) {
		uint64_t before = uc_arch_cycles();
		uint32_t ns = lapic_count();
		uint64_t took = uc_arch_cycles() - before;

		if (took < shortest) {
			shortest = took;
			best.cycles = before + took / 2;
			best.ns = ns;
		}
	}
	return best;
}

static void measure(void)
{
	struct sample first, last;
	uint64_t start;

	if (!lapic_exists()) {
		start = uc_arch_cycles();
		measured_ns = pit_wait();
		set_rate(uc_arch_cycles() - start, measured_ns);
		return;
	}
	lapic_count_start();
	first = take_sample();
	while (lapic_count() - first.ns < MEASURE_NS)
		uc_arch_relax();
	last = take_sample();
	measured_ns = last.ns - first.ns;
	set_rate(last.cycles - first.cycles, measured_ns);
}

void uc_pc_clock_init(enum uc_pc_timer timer)
{
	uint64_t hz;

	if (timer == UC_PC_LAPIC_OF_NANOSECONDS)
		lapic_init();
	if (find_pvclock())
		return;
	base_cycles = uc_x86_entry_cycles;
	hz = told_rate();
	if (hz) {
		measured_ns = UINT64_MAX;
		set_rate(hz, NS_PER_SEC);
	} else {
		measure();
	}
}

void clock_observe(uint64_t cycles, uint64_t ns)
{
	uint64_t now;

	if (has_pvclock || ns <= measured_ns || ns < MEASURE_NS)
		return;
	/* What was counted stays counted: the clock never goes back. */
	now = uc_arch_cycles();
	base_ns += scale(now - base_cycles, rate);
	base_cycles = now;
	measured_ns = ns;
	set_rate(cycles, ns);
}

uint64_t uc_plat_monotonic_ns(void)
{
	if (has_pvclock)
		return read_pvclock(uc_arch_cycles) - pvclock_start;
	return base_ns + scale(uc_arch_cycles() - base_cycles, rate);
}

uint64_t uc_plat_entry_ns(void)
{
	return 0;
}
