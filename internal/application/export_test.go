package application

// Edges are the legal moves, for the test that compares them with the diagram.
func Edges() map[State]map[Event]State { return edges }
