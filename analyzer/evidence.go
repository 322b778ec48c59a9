package analyzer

// evidence is what rules look at (filled in by the tracker).
type evidence struct{}
