/// The size limits of a message. They bound the memory that a peer can make a parser use.
///
/// The defaults are those of the public listener.
package struct HTTPLimits: Sendable, Equatable {
    /// The longest request line in bytes, without its CRLF. Default 8,192; beyond it 414.
    package var requestLineBytes: Int
    /// The most bytes of all field lines of a head, or of all trailers of a body. Default 32,768; beyond it 431.
    package var headerBytes: Int
    /// The most field lines in a head, or trailers of a body. Default 100; beyond it 431.
    package var headerCount: Int
    /// The longest body in bytes, without its chunk framing. Default 1,048,576; beyond it 413.
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
