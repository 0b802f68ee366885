/// A point in time as HTTP writes it: IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
package struct HTTPDate: Sendable, Equatable {
    /// Seconds since 1970 UTC.
    package let unixSeconds: Int64
    /// The date at these seconds; clamped to the years 0 to 9999.
    package init(unixSeconds: Int64) { self.unixSeconds = unixSeconds }
    /// The 29 bytes of the date.
    package var bytes: [UInt8] { [] }
    /// `date: …` with its CRLF, to keep for a second and hand to `ResponseEncoder`.
    package var fieldLine: [UInt8] { [] }
}
