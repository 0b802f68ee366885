/// The reason why a part of the test kit failed, with the end of its programs' output.
package struct TestFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
