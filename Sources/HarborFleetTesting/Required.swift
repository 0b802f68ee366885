/// The value that a test needs, for places where `#require` is not available.
/// - Throws: `Missing` when it is nil.
package func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
}

/// A value that a test needs is nil.
package struct Missing: Error {}
