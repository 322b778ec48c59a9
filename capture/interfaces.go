package capture

// An Interface is one interface that frames were captured on. Each input, and
// each section of a pcapng file, has its own; but where an input begins after
// another has ended, as files of one capture that was rotated do, they share those
// of the same name and link type.
type Interface struct {
	Input int    // index into Reader.Inputs; the first, if several share it
	Name  string // as the file gives it, or ""
	Link  LinkType
}

// maxNamed bounds the interfaces told apart over all inputs; all later ones
// share the last number.
const maxNamed = 1 << 20

// A numberer gives the next interface over all inputs its number.
type numberer func(name string, link LinkType) uint32

// An interfaceID is a number over all inputs, given when the first frame of the
// interface is met, so that descriptions nobody uses cost nothing.
type interfaceID struct {
	number numberer
	name   string
	link   LinkType
	id     uint32
}

func (i *interfaceID) get() uint32 {
	if i.number != nil {
		i.id = i.number(i.name, i.link)
		i.number = nil
	}
	return i.id
}
