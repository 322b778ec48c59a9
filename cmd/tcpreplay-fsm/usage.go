package main

const usage = `Usage: tcpreplay-fsm [flags] CAPTURE...
       tcpreplay-fsm [flags] -i INTERFACE

Reads captures and tells, for every TCP conversation in them, how both endpoints
moved through the states of RFC 9293, packet by packet, how it ended, and why.

A CAPTURE is a file (pcap, pcapng or snoop; plain, gzip, zstd, xz, lz4 or
bzip2), a directory, a glob, or - for standard input (Ctrl-C ends tcpdump before
it in the pipe, and the report follows). Several are merged in time order and
read as one capture, as rotated files are.

Example:
  $ tcpdump -i eth0 -w web.pcap port 80     # or any capture you have
  $ tcpreplay-fsm web.pcap                  # what happened, the worst first
  $ tcpreplay-fsm web.pcap --conversation 7 # conversation 7, packet by packet
  $ tcpreplay-fsm --explain keepalive       # what a finding means, what to do
  $ tcpreplay-fsm web.pcap -o web.json      # the same for a program

Report:
      --format FORMAT       text, json, ndjson or html; else by the extension of
                            -o, else text
  -o, --output FILE         write to FILE; it appears when it is complete
      --conversation N      print conversation N packet by packet; in JSON, add
                            its ladder (repeatable; text prints all of them
                            unasked if there are at most 8)
      --series N            conversation N as figures to plot, in CSV: sequence
                            numbers, window, bytes in flight, RTT, throughput;
                            in JSON, add them to it (repeatable)
      --at TIME             the sockets that existed then, as ss -tan would show
                            them: a frame number, 12.5s from the start, or a
                            time as for --from; at most the capture's end
      --follow N            the bytes of conversation N, its directions in turn
      --follow-as FORM      text, hex or raw
      --export-streams DIR  write each direction of every conversation to a file
                            in DIR, with an index
      --overlap POLICY      which copy counts where bytes sent twice differ:
                            first, last, linux, bsd or windows
      --html-detail SIZE    bytes of an HTML report for ladders and graphs: the
                            conversations that tell most get them, and the
                            report says so (default 4M; 0 for none)
      --html-rows N         segments of each of these ladders: the first and the
                            last ones (default 1000)
      --top N               list N conversations (default 50; -1 for all)
      --width N             columns of the text, from 64 to 1000 (default: the
                            terminal's; through a pipe COLUMNS, or 80)
      --color WHEN          auto, always or never; NO_COLOR is respected
  -q, --quiet               no progress, no warnings

What to look at:
  -f, --filter EXPR         frames that tcpdump's EXPR selects, such as
                            'port 443 and host 10.0.0.1'
      --from TIME, --to TIME
                            segments from and to TIME: RFC 3339 or as reports
                            print it, Unix seconds, or seconds since the first
                            frame (12.5, or 1m30s)
      --host ADDR           segments from or to ADDR, or a prefix such as
                            10.0.0.0/8 (repeatable: any of them)
      --port N              segments from or to port N (repeatable: any of them)
                            Conversations are numbered over what is looked at.

Findings:
      --list-findings       list all kinds of findings
      --explain ID          what a finding means, what the applications saw,
                            what to check
      --only ID,...         only these
      --ignore ID,...       all but these
      --min-severity S      show from this severity on: info, notice, warning,
                            error
      --fail-on S|ID,...    exit with 1 if there is a finding of this severity
                            or above, or with this id
      --assert EXPR         exit with 1 unless EXPR holds (repeatable). X is an
                            id, or a severity, which counts those above it:
                              no:X      there is none
                              has:X     there is at least one
                              max:X=N   there are at most N
                              min:X=N   there are at least N

Reading and limits:
      --time-wait DURATION  how long TIME_WAIT lasts (default 60s, as on Linux)
      --merge-vlans         equal addresses in several VLANs are the same hosts
      --verify-checksums    leave out segments whose TCP checksum is wrong (off,
                            as captures on a sender often hold unfinished ones)
      --max-conversations N conversations in memory (default 200000)
      --max-expand SIZE     what one compressed input may expand to, such as 20G
  -j, --jobs N              goroutines that follow conversations (default: one a
                            CPU); the report is the same for any number
      --memory-limit SIZE   memory from which the runtime collects more eagerly

Live capture:
  -i, --interface NAME      capture from an interface, or from all with any;
                            a full screen on a terminal, else a line an event.
                            Ctrl-C ends it with the report, twice without one;
                            SIGUSR1 writes a report of what is known so far
  -D, --list-interfaces     list the interfaces
      --stream              lines on a terminal too; --format ndjson for NDJSON
      --duration DURATION   end after so long
      --count N             end after N frames
      --idle-timeout DURATION
                            report conversations that are silent for so long,
                            and forget them (default 1h)
  -w, --write FILE          save what is captured as pcapng
      --rotate-size SIZE, --rotate-every DURATION
                            begin a new file at this size, or after so long
      --keep-files N        keep the newest N of these files
      --snaplen N           bytes to keep of each frame (default: all)
      --promiscuous         also frames for other hosts
      --buffer SIZE         the kernel's buffer (default 64M)
      --user NAME           whose rights to take once the interface is open
                            (default: those of who called sudo)
      --metrics ADDR        serve Prometheus metrics at this port, of 127.0.0.1
                            unless ADDR names a host

  -h, --help                print this
      --version             print the version

Completion in bash: complete -o default -C tcpreplay-fsm tcpreplay-fsm

Exit status: 0 analysed; 1 analysed, and --fail-on or --assert says so; 2 could
not analyse, or there is no conversation N. A capture that is cut short is
analysed up to there, and that is said.
`
