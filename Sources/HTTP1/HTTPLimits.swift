/// How much of a message a peer may make us hold.
///
/// The defaults are those of the public listener; a parser never keeps more than these bounds allow.
package struct HTTPLimits: Sendable, Equatable {
    /// The longest request line in bytes, without its CRLF. Default 8,192; beyond it 414.
    package var requestLineBytes: Int
    /// All field lines of a head, or all trailers of a body, in bytes. Default 32,768; beyond it 431.
    package var headerBytes: Int
    /// The number of field lines in a head, or of trailers. Default 100; beyond it 431.
    package var headerCount: Int
    /// The longest body in bytes after chunks are joined. Default 1,048,576; beyond it 413.
    package var bodyBytes: Int

    /// Limits with the defaults named at each property.
    package init(
        requestLineBytes: Int = 8192, headerBytes: Int = 32768, headerCount: Int = 100,
        bodyBytes: Int = 1_048_576
    ) {
        self.requestLineBytes = requestLineBytes
        self.headerBytes = headerBytes
        self.headerCount = headerCount
        self.bodyBytes = bodyBytes
    }
}
