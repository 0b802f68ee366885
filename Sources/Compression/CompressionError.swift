/// The errors of compressing and decompressing.
package enum CompressionError: Error, Sendable, Equatable {
    /// The compressed bytes are not valid DEFLATE or gzip: their checksum or form is wrong (RFC 1951, RFC 1952).
    case malformedData
    /// The compressed bytes end too early.
    case incompleteData
    /// The compressed bytes have more blocks than the caller allows.
    case tooManyBlocks
    /// The decompressed bytes are more than the caller allows.
    case limitExceeded
    /// zlib could not allocate memory.
    case outOfMemory
    /// A level, window or memory level that zlib does not support, or a call that is not allowed now. A bug of ours.
    case unsupportedParameters
}
