package gost

func compress(h, n, m *block) { compressGeneric(h, n, m) }
