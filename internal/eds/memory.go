package eds

import "sync"

// memory remembers trusted signers' certificates by fingerprint, at most twice its limit: when the young generation is
// full it becomes the old one, and what is asked for again moves back.
type memory struct {
	mu         sync.RWMutex
	limit      int
	young, old map[string]*holder
}

func newMemory(limit int) *memory { return &memory{limit: limit, young: make(map[string]*holder)} }

// get finds a certificate.
func (m *memory) get(fingerprint string) (*holder, bool) {
	m.mu.RLock()
	h, ok := m.young[fingerprint]
	if !ok {
		h = m.old[fingerprint]
	}
	m.mu.RUnlock()
	if h == nil {
		return nil, false
	}
	if !ok {
		h = m.put(fingerprint, h)
	}
	return h, true
}

// put remembers a certificate and gives the holder that counts from now on: of two that were made at once the first,
// so that both ask about its revocation together.
func (m *memory) put(fingerprint string, h *holder) *holder {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.young[fingerprint]; known != nil {
		return known
	}
	if known := m.old[fingerprint]; known != nil {
		h = known
	}
	if len(m.young) >= m.limit {
		m.old, m.young = m.young, make(map[string]*holder, m.limit/4)
	}
	m.young[fingerprint] = h
	return h
}
