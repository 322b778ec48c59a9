// Package capture turns capture files into TCP segments: bytes to frames
// ([Open], [Reader]), and frames to segments ([Decoder]).
//
//	r, err := capture.Open([]string{"a.pcap", "b.pcapng.gz"}, os.Stdin, capture.Options{})
//	d := capture.NewDecoder(capture.Options{})
//	for f, err := r.Next(); err == nil; f, err = r.Next() {
//		for v, more := d.Decode(f), true; more; v, more = d.Further() {
//			if v == capture.Segment {
//				use(d.Segment())
//			}
//		}
//	}
//
// # Formats
//
// Classic pcap (micro- and nanosecond, both byte orders, the modified records
// of Kuznetzov's libpcap), pcapng and snoop, plain or in gzip, zstd, lz4, xz or
// bzip2, all told apart by content and never by name. A pcap or pcapng file may
// have others of its kind appended, as cat does. Several inputs are merged in time
// order and numbered as one capture.
//
// # Frames that are not segments
//
// No frame disappears: a frame is delivered as a segment or counted under the
// one reason why it was not, so frames = segments + all of [Decoder.Skipped].
// Damage ends the input it is in, with a [ReadError] that says where; the frames
// before it stay valid and the other inputs go on.
//
// # Hostile input
//
// No length found in a file decides how much memory is taken: frames, blocks,
// interfaces, expansion of compressed inputs, networks and fragments are bounded
// by constants that stand beside what they guard.
package capture
