return args.Length == 3 ? await Gossipdb.Node.NodeHost.RunAsync(args[2], CancellationToken.None) : 2;
