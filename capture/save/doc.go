// Package save writes frames to pcapng files as they are captured, into one file
// or into a bounded row of files.
//
//	w, err := save.Create(save.Options{Name: "web.pcapng", MaxBytes: 100 << 20, Keep: 10})
//	err = w.Write(&frame, capture.Interface{Name: "eth0", Link: capture.LinkEthernet})
//	err = w.Close()
//
// A file always ends with a whole block, also when the disk is full: what was
// written can be read.
package save
