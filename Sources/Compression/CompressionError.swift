/// Why bytes could not be compressed or restored.
package enum CompressionError: Error, Sendable, Equatable {
    /// The compressed bytes are not DEFLATE, or not gzip: their checksum or form is wrong (RFC 1951, RFC 1952).
    case malformedData
    /// They break off before their end.
    case incompleteData
    /// They hold more blocks than the caller allows.
    case tooManyBlocks
    /// What comes out is longer than the caller allows.
    case limitExceeded
    /// zlib got no memory.
    case outOfMemory
    /// A level, window or memory level that zlib does not have: our own mistake.
    case unsupportedParameters
}
