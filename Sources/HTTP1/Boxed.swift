/// A value on the heap, for state that is large and rarely there: its owner pays 8 bytes while it is absent.
///
/// It stays a value: copies do not share their changes.
struct Boxed<Value: Sendable>: Sendable {
    /// Exactly one element. An array is the heap memory that is a value and can be changed in place.
    private var storage: [Value]

    init(_ value: Value) { storage = [value] }

    /// The value.
    var value: Value { storage[0] }

    /// Changes the value in place.
    mutating func update<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(&storage[0])
    }
}
