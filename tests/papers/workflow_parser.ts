/** GitHub's own parser of workflows. It imports JSON in a way that only a bundler takes: workflows_test.ts bundles this. */

export {
  convertWorkflowTemplate,
  NoOperationTraceWriter,
  parseWorkflow,
} from "@actions/workflow-parser";
