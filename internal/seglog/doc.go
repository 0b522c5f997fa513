// Package seglog is a log on disk: records go in at one end, come out at the
// other, and are deleted once they are acknowledged. The service's spool and
// the collector's queue both use it.
//
// When [Log.Append] returns nil, the record is on disk, fsynced. After a crash it is
// read again, until [Log.Ack]. Goroutines that append at the same time share one fsync.
//
// # Files
//
// A folder contains one log, and only one process can own it:
//
//	lock                     the owner of the folder
//	FIRST-MARKER.seg         a segment: records from sequence number FIRST on
//	FIRST-MARKER.ack         which of its records were acknowledged
//	damaged/                 bytes of segments that could not be read
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
// All numbers are little endian. By the marker, the reader finds the next record after
// damaged bytes. It is random, so that no payload can contain bytes that look like a
// record. It is also part of the file's name, so that no record is lost if the header
// of a segment is damaged.
//
// The .ack file is not fsynced. If it is lost, records are read twice, so the caller
// must be able to recognise them.
package seglog
