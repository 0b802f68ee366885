/// Strings as C wants them.
enum CStrings {
    /// Calls `body` with a NULL-terminated array of the strings as C strings, which live until it returns.
    static func with<Value>(
        _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value
    ) -> Value {
        var bytes: [CChar] = []
        var offsets: [Int] = []
        for string in strings {
            offsets.append(bytes.count)
            bytes.append(contentsOf: string.utf8.map { CChar(bitPattern: $0) })
            bytes.append(0)
        }
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            var pointers = unsafe offsets.map { offset in unsafe buffer.baseAddress.map { unsafe $0 + offset }
            }
            unsafe pointers.append(nil)
            return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
        }
    }
}
