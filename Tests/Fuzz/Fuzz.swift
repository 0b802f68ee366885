import Glibc

/// The properties by the name that `HARBOR_FUZZ_TARGET` chooses.
private let properties: [String: @Sendable ([UInt8]) -> Void] = [
    "request": RequestFuzz.check,
    "chunked": ChunkedFuzz.check,
    "frames": FrameFuzz.check,
    "messages": DeflatedFrameFuzz.check,
    "deflate": DeflateFuzz.check,
    "utf8": UTF8Fuzz.check,
    "fixes": FixBatchFuzz.check,
    "rfc3339": RFC3339Fuzz.check,
    "url": URLFuzz.check,
]

private let property: @Sendable ([UInt8]) -> Void = {
    let name = getenv("HARBOR_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let property = properties[name] else {
        report("HARBOR_FUZZ_TARGET is one of \(properties.keys.sorted().joined(separator: ", "))")
        exit(2)
    }
    return property
}()

/// What libFuzzer calls with each input; `main` is its own.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    property(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// Ends the process when a property does not hold, so that libFuzzer keeps the input.
func require(_ holds: Bool, _ property: @autoclosure () -> String) {
    guard !holds else { return }
    report("broken property: \(property())")
    abort()
}

private func report(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}
