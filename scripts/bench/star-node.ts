import { runNodeProcess } from '../../link/node-process.ts';
import { type StarLoad, starModel } from './star.ts';

/* One process of the star, for `star-processes.ts`. */
runNodeProcess((node, context, model) => starModel(node, context, model as StarLoad));
