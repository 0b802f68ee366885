/// Why a part of the test kit does not work, with the end of what its programs wrote.
package struct TestFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
