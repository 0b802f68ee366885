import HarborFleetCommands

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

exit(await Program.run(Array(CommandLine.arguments.dropFirst())))
