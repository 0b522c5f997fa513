// Package seglog is a log on disk: records go in at one end, come out at the
// other, and are deleted once they are acknowledged. The service's spool and
// the collector's queue both use it.
//
// What [Log.Append] returned nil for is on disk, fsynced, and is read again
// after a crash until [Log.Ack]. Many goroutines that append at the same time
// share one fsync.
//
// # Files
//
// A folder holds one log, and one process owns it:
//
//	lock                     who owns the folder
//	FIRST-MARKER.seg         a segment: records from sequence number FIRST on
//	FIRST-MARKER.ack         which of its records were acknowledged
//	damaged/                 bytes of segments that are not readable
//
// A segment is a header of 48 bytes and then records. A record is a header of
// 40 bytes and its payload:
//
//	 0  marker       8 random bytes, the same for all records of a segment
//	 8  header CRC   CRC-32C of bytes 12 to 40
//	12  payload CRC  CRC-32C of the payload
//	16  length       of the payload
//	20  zero
//	24  sequence number
//	32  time of the append, nanoseconds since 1970
//
// All numbers are little endian. The marker is how the reader finds the next
// record after damaged bytes. It is random so that no payload can hold what
// looks like a record. It is also part of the file's name, so that a damaged
// segment header costs no record.
//
// The .ack file is not fsynced. If it is lost, records are read twice, so
// records need an identity of their own.
package seglog
