/// Measures how much CPU time a loop's turns take, with as few looks at the CPU clock as will do.
///
/// The thread's CPU clock costs a system call, about 200 ns, as much as the thirtieth part of a request. The monotonic
/// one costs 20 ns. A turn of less than a millisecond is told by the monotonic clock, which the CPU time cannot exceed.
/// The CPU clock is read at the begin of a turn when it was not read within the last millisecond, and at the end of a
/// turn that took longer: such a turn is told with an error of a millisecond at most.
struct TurnMeter {
    /// Turns below this are told by the monotonic clock.
    static let shortNanoseconds: Int64 = 1_000_000

    private var startedAt: MonotonicInstant
    /// What the CPU clock said last, and when.
    private var cpu: UInt64 = 0
    private var cpuReadAt: MonotonicInstant
    /// The last work that named itself. It stays when its turn is over: the next request is likely of the same route, and
    /// then costs a comparison and no retain.
    private var work: TurnWork?
    private var isWorkOfThisTurn = false

    init(now: MonotonicInstant) {
        startedAt = now
        cpuReadAt = MonotonicInstant(nanoseconds: 0)
    }

    /// A turn begins.
    /// - Parameter clock: reads the thread's CPU clock, nanoseconds.
    mutating func began(now: MonotonicInstant, _ clock: () -> UInt64) {
        startedAt = now
        isWorkOfThisTurn = false
        guard now.nanoseconds(since: cpuReadAt) >= Self.shortNanoseconds else { return }
        cpu = clock()
        cpuReadAt = now
    }

    /// The turn is about to do this.
    mutating func begins(_ work: TurnWork) {
        isWorkOfThisTurn = true
        if self.work !== work { self.work = work }
    }

    /// The turn has ended.
    mutating func ended(now: MonotonicInstant, _ clock: () -> UInt64) -> Turn {
        let elapsed = now.nanoseconds(since: startedAt)
        guard elapsed >= Self.shortNanoseconds else { return Turn(cpu: elapsed, elapsed: elapsed) }
        let before = cpu
        cpu = clock()
        cpuReadAt = now
        let spent = cpu > before ? Int64(clamping: cpu &- before) : 0
        return Turn(
            cpu: min(spent, elapsed), elapsed: elapsed, work: isWorkOfThisTurn ? work?.name : nil)
    }

    /// What one turn took, in nanoseconds.
    struct Turn: Equatable {
        let cpu: Int64
        let elapsed: Int64
        /// The last work of a long turn, when it named itself.
        var work: String?
    }
}
