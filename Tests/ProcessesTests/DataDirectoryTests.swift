import Foundation
import HarborFleetTesting
import Testing

@testable import Processes

@Suite(.timeLimit(.minutes(1))) struct DataDirectoryTests {
    @Test func error_namesTheFile_whenItIsInTheWay() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("x", to: "data")
        let failure = FileFailure(path: file, reason: "is not a directory")
        for path in [file, file + "/a/b"] {
            #expect(throws: failure) { try DataDirectory.make(path) }
            #expect(throws: failure) { try DataDirectory.check(path) }
        }
        try DataDirectory.check(directory.path + "/a/b")
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/a"))
        try DataDirectory.make(directory.path + "/a/b")
        try DataDirectory.make(directory.path + "/a/b")
    }

    @Test func parents_areListedFromTheRoot() {
        #expect(DataDirectory.pathAndParents(of: "/a/b/c") == ["/", "/a", "/a/b", "/a/b/c"])
    }
}
