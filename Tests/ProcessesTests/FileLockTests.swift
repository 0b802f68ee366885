import HarborFleetTesting
import Testing

@testable import Processes

@Suite(.timeLimit(.minutes(1))) struct FileLockTests {
    @Test func lockFile_namesItsHolder() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/lock"
        let lock = try FileLock(path: path)
        let before = lock.holder()
        let isTaken = lock.tryExclusive()
        #expect(before == nil && isTaken)
        let other = try FileLock(path: path)
        let isTakenTwice = other.tryExclusive() || other.tryShared()
        let holder = other.holder()
        #expect(!isTakenTwice && holder == .own)
        _ = consume lock
        #expect("\(LockHolder(processID: 7, machine: "pod-1"))" == "process 7 on 'pod-1'")
    }

    @Test func holder_isNil_whenTheLockFileIsNotValid() {
        let here = LockHolder.own.machine
        // No process has a number that large (proc(5), pid_max).
        for text in ["", "7", "x\n\(here)\n", "-1\n\(here)\n", "4194305\n\(here)\n", "99999999999\nh\n"] {
            #expect(LockHolder(text: text) == nil, "\(text)")
        }
        #expect(LockHolder(text: LockHolder.own.text) == .own)
        #expect(LockHolder(text: "4194305\nelsewhere\n")?.processID == 4_194_305)
    }
}
