//go:build !purego

#include "textflag.h"

// Streebog with a block in one register of AVX-512. Z16 to Z23 are the linear map as matrices of 8 by 8 bits, Z24 to Z27
// the substitution, Z28 the transposition (see gfniTables).

// PART adds the matrices of diagonal d: those that take byte row (i+d) mod 8 to byte row i.
#define PART(d, matrix, out) \
	VALIGNQ $d, Z4, Z4, out; \
	VGF2P8AFFINEQB $0, matrix, out, out

// LPS substitutes, maps and transposes x; the linear map comes first because it takes whole rows then.
#define LPS(x) \
	VPMOVB2M x, K1; \
	VMOVDQA64 x, Z4; \
	VPERMI2B Z25, Z24, Z4; \
	VPERMI2B Z27, Z26, x; \
	VMOVDQU8 x, K1, Z4; \
	VGF2P8AFFINEQB $0, Z16, Z4, Z5; \
	PART(1, Z17, Z6); \
	PART(2, Z18, Z7); \
	PART(3, Z19, Z8); \
	PART(4, Z20, Z9); \
	PART(5, Z21, Z10); \
	PART(6, Z22, Z11); \
	PART(7, Z23, Z12); \
	VPTERNLOGQ $0x96, Z7, Z6, Z5; \
	VPTERNLOGQ $0x96, Z10, Z9, Z8; \
	VPTERNLOGQ $0x96, Z12, Z11, Z5; \
	VPXORQ Z8, Z5, Z5; \
	VPERMB Z5, Z28, x

// func compressGFNI(h, n, m *block, t *gfniTables)
TEXT ·compressGFNI(SB), NOSPLIT, $0-32
	MOVQ h+0(FP), DI
	MOVQ n+8(FP), SI
	MOVQ m+16(FP), DX
	MOVQ t+24(FP), R8
	VMOVDQU64 0(R8), Z16
	VMOVDQU64 64(R8), Z17
	VMOVDQU64 128(R8), Z18
	VMOVDQU64 192(R8), Z19
	VMOVDQU64 256(R8), Z20
	VMOVDQU64 320(R8), Z21
	VMOVDQU64 384(R8), Z22
	VMOVDQU64 448(R8), Z23
	VMOVDQU64 512(R8), Z24
	VMOVDQU64 576(R8), Z25
	VMOVDQU64 640(R8), Z26
	VMOVDQU64 704(R8), Z27
	VMOVDQU64 768(R8), Z28
	ADDQ $832, R8
	VMOVDQU64 (DI), Z0
	VMOVDQU64 (DX), Z1
	VMOVDQA64 Z1, Z3
	VPXORQ (SI), Z0, Z2
	LPS(Z2)
	MOVL $12, CX

round:
	VPXORQ Z2, Z3, Z3
	VPXORQ (R8), Z2, Z2
	LPS(Z3)
	LPS(Z2)
	ADDQ $64, R8
	DECL CX
	JNZ round
	VPXORQ Z2, Z3, Z3
	VPTERNLOGQ $0x96, Z3, Z1, Z0
	VMOVDQU64 Z0, (DI)
	VZEROUPPER
	RET
