//go:build !purego

#include "textflag.h"

// Arithmetic modulo 2^512 - 569 with the two carry chains of ADX. SI points to x, DI to y, CX is zero inside the rows;
// R8 to R15 hold eight words of the sum, the lowest one first leaving to the stack.

// STEP adds DX*y[j] to the words a and b.
#define STEP(offset, base, a, b) \
	MULXQ offset(base), AX, BX; \
	ADCXQ AX, a; \
	ADOXQ BX, b

// ROW adds x[i]*y to the words a to h; a goes to the stack and comes back as the new highest word.
#define ROW(i, a, b, c, d, e, f, g, h) \
	MOVQ (8*i)(SI), DX; \
	XORL CX, CX; \
	MULXQ 0(DI), AX, BX; \
	ADCXQ AX, a; \
	MOVQ a, (8*i)(SP); \
	MOVQ CX, a; \
	ADOXQ BX, b; \
	STEP(8, DI, b, c); \
	STEP(16, DI, c, d); \
	STEP(24, DI, d, e); \
	STEP(32, DI, e, f); \
	STEP(40, DI, f, g); \
	STEP(48, DI, g, h); \
	STEP(56, DI, h, a); \
	ADCXQ CX, a

// FOLD adds 569*r to the word of the stack; low is the upper half of the product before, high takes this one's.
#define FOLD(offset, r, low, high) \
	MULXQ r, r, high; \
	ADOXQ low, r; \
	ADCXQ offset(SP), r

// REDUCE folds R8 to R15 onto the eight words of the stack and leaves the result in R8 to R15.
#define REDUCE \
	MOVL $569, DX; \
	XORL CX, CX; \
	FOLD(0, R8, CX, BX); \
	FOLD(8, R9, BX, CX); \
	FOLD(16, R10, CX, BX); \
	FOLD(24, R11, BX, CX); \
	FOLD(32, R12, CX, BX); \
	FOLD(40, R13, BX, CX); \
	FOLD(48, R14, CX, BX); \
	FOLD(56, R15, BX, CX); \
	MOVL $0, BX; \
	ADOXQ BX, CX; \
	ADCXQ BX, CX; \
	IMULQ DX, CX; \
	ADDQ CX, R8; \
	ADCQ $0, R9; \
	ADCQ $0, R10; \
	ADCQ $0, R11; \
	ADCQ $0, R12; \
	ADCQ $0, R13; \
	ADCQ $0, R14; \
	ADCQ $0, R15; \
	SBBQ CX, CX; \
	ANDQ DX, CX; \
	ADDQ CX, R8

#define STORE(base) \
	MOVQ R8, 0(base); \
	MOVQ R9, 8(base); \
	MOVQ R10, 16(base); \
	MOVQ R11, 24(base); \
	MOVQ R12, 32(base); \
	MOVQ R13, 40(base); \
	MOVQ R14, 48(base); \
	MOVQ R15, 56(base)

// FIRST is a product whose lower half is added, in the only chain of the first row, to a, and whose upper half is b.
#define FIRST(offset, base, a, b) \
	MULXQ offset(base), AX, b; \
	ADCQ AX, a

// func mul512ADX(z, x, y *fe)
TEXT ·mul512ADX(SB), NOSPLIT, $64-24
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DI
	MOVQ 0(SI), DX
	MULXQ 0(DI), AX, R9
	MOVQ AX, 0(SP)
	XORL R8, R8
	FIRST(8, DI, R9, R10)
	FIRST(16, DI, R10, R11)
	FIRST(24, DI, R11, R12)
	FIRST(32, DI, R12, R13)
	FIRST(40, DI, R13, R14)
	FIRST(48, DI, R14, R15)
	FIRST(56, DI, R15, R8)
	ADCQ $0, R8
	ROW(1, R9, R10, R11, R12, R13, R14, R15, R8)
	ROW(2, R10, R11, R12, R13, R14, R15, R8, R9)
	ROW(3, R11, R12, R13, R14, R15, R8, R9, R10)
	ROW(4, R12, R13, R14, R15, R8, R9, R10, R11)
	ROW(5, R13, R14, R15, R8, R9, R10, R11, R12)
	ROW(6, R14, R15, R8, R9, R10, R11, R12, R13)
	ROW(7, R15, R8, R9, R10, R11, R12, R13, R14)
	REDUCE
	MOVQ z+0(FP), DI
	STORE(DI)
	RET

// CLEAR starts a row of the square: both carries and the new highest word are zero.
#define CLEAR(i, top) \
	MOVQ (8*i)(SI), DX; \
	XORL CX, CX; \
	MOVQ CX, top

// TWICE doubles a word and adds a half of a square.
#define TWICE(half, word) \
	ADCXQ word, word; \
	ADOXQ half, word

// PAIR is the words 2i and 2i+1 of the square, through the stack.
#define PAIR(i) \
	MOVQ (8*i)(SI), DX; \
	MULXQ DX, AX, BX; \
	MOVQ (16*i)(SP), DX; \
	TWICE(AX, DX); \
	MOVQ DX, (16*i)(SP); \
	MOVQ (16*i+8)(SP), DX; \
	TWICE(BX, DX); \
	MOVQ DX, (16*i+8)(SP)

// HIGH is the words 2i and 2i+1, in registers.
#define HIGH(i, a, b) \
	MOVQ (8*i)(SI), DX; \
	MULXQ DX, AX, BX; \
	TWICE(AX, a); \
	TWICE(BX, b)

// func sqr512ADX(z, x *fe)
// Word k of the products of different words is kept in register 8 + k mod 8 until the next row is past it.
TEXT ·sqr512ADX(SB), NOSPLIT, $64-16
	MOVQ x+8(FP), SI
	MOVQ 0(SI), DX
	XORL R8, R8
	MOVQ R8, 0(SP)
	MULXQ 8(SI), R9, R10
	FIRST(16, SI, R10, R11)
	FIRST(24, SI, R11, R12)
	FIRST(32, SI, R12, R13)
	FIRST(40, SI, R13, R14)
	FIRST(48, SI, R14, R15)
	FIRST(56, SI, R15, R8)
	ADCQ $0, R8
	MOVQ R9, 8(SP)
	MOVQ R10, 16(SP)
	CLEAR(1, R9)
	STEP(16, SI, R11, R12)
	STEP(24, SI, R12, R13)
	STEP(32, SI, R13, R14)
	STEP(40, SI, R14, R15)
	STEP(48, SI, R15, R8)
	STEP(56, SI, R8, R9)
	ADCXQ CX, R9
	MOVQ R11, 24(SP)
	MOVQ R12, 32(SP)
	CLEAR(2, R10)
	STEP(24, SI, R13, R14)
	STEP(32, SI, R14, R15)
	STEP(40, SI, R15, R8)
	STEP(48, SI, R8, R9)
	STEP(56, SI, R9, R10)
	ADCXQ CX, R10
	MOVQ R13, 40(SP)
	MOVQ R14, 48(SP)
	CLEAR(3, R11)
	STEP(32, SI, R15, R8)
	STEP(40, SI, R8, R9)
	STEP(48, SI, R9, R10)
	STEP(56, SI, R10, R11)
	ADCXQ CX, R11
	MOVQ R15, 56(SP)
	CLEAR(4, R12)
	STEP(40, SI, R9, R10)
	STEP(48, SI, R10, R11)
	STEP(56, SI, R11, R12)
	ADCXQ CX, R12
	CLEAR(5, R13)
	STEP(48, SI, R11, R12)
	STEP(56, SI, R12, R13)
	ADCXQ CX, R13
	CLEAR(6, R14)
	STEP(56, SI, R13, R14)
	ADCXQ CX, R14
	XORL R15, R15
	PAIR(0)
	PAIR(1)
	PAIR(2)
	PAIR(3)
	HIGH(4, R8, R9)
	HIGH(5, R10, R11)
	HIGH(6, R12, R13)
	HIGH(7, R14, R15)
	REDUCE
	MOVQ z+0(FP), DI
	STORE(DI)
	RET

// func cpuid(leaf, sub uint32) (a, b, c, d uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-24
	MOVL leaf+0(FP), AX
	MOVL sub+4(FP), CX
	CPUID
	MOVL AX, a+8(FP)
	MOVL BX, b+12(FP)
	MOVL CX, c+16(FP)
	MOVL DX, d+20(FP)
	RET

// func xgetbv() uint32
TEXT ·xgetbv(SB), NOSPLIT, $0-4
	XORL CX, CX
	XGETBV
	MOVL AX, ret+0(FP)
	RET
