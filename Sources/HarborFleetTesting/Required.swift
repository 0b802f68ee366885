/// The value that a test cannot do without, where `#require` is not to be had.
/// - Throws: `Missing` when it is nil.
package func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
}

/// A value that a test needs is nil.
package struct Missing: Error {}
