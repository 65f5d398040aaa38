//go:build !purego

package gost

//go:noescape
func compressGFNI(h, n, m *block, t *gfniTables)

// gfniTables are the constants of compressGFNI in its order. A block is 8 rows of 8 bytes; the linear map before the
// transposition takes row j to row i by one matrix of 8 by 8 bits for all bytes of the row, so that 8 instructions do it:
// matrix[d][i] is the one from row (i+d) mod 8.
type gfniTables struct {
	matrix    [8][8]uint64
	pi        [256]byte
	transpose [64]byte
	c         [12]block
}

var streebogGFNI = makeGFNITables()

func makeGFNITables() *gfniTables {
	t := &gfniTables{pi: streebogPi, c: *streebogC}
	for i := range 64 {
		t.transpose[i] = byte(8*(i%8) + i/8)
	}
	for d := range t.matrix {
		for i := range t.matrix[d] {
			j := (i + d) % 8
			// The instruction wants the row of output bit 7 in the lowest byte.
			for out := range 8 {
				for in := range 8 {
					t.matrix[d][i] |= streebogA[63-8*j-in] >> (8*i + out) & 1 << (8*(7-out) + in)
				}
			}
		}
	}
	return t
}

func compress(h, n, m *block) {
	if cpu.gfni {
		compressGFNI(h, n, m, streebogGFNI)
		return
	}
	compressGeneric(h, n, m)
}
