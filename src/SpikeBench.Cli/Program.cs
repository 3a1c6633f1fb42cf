using SpikeBench.Cli;

return await SpikeBenchCommand.RunAsync(args, Terminal.Standard(), TimeProvider.System).ConfigureAwait(false);
